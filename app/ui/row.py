"""One field of a form, as it is shown: compared with the one before to see whether its line needs a repaint."""

from dataclasses import dataclass

from app.config.parameter import Kind, Parameter


@dataclass(frozen=True)
class Row:
    """`parameter` None is the epochs field, the one field that is no parameter."""

    key: str
    label: str
    parameter: Parameter | None
    text: str
    status: str
    """Where the value comes from, with a mark when it differs from the file's or is no value."""
    tone: str
    """How the status is meant: plain, edited, warning or error."""

    @property
    def options(self) -> tuple[str, ...]:
        """The words to choose from; empty where one types."""
        if self.parameter is None or self.parameter.kind not in (Kind.SWITCH, Kind.CHOICE):
            return ()
        return self.parameter.choices or ("false", "true")

    @property
    def is_switch(self) -> bool:
        return self.parameter is not None and self.parameter.kind is Kind.SWITCH

    @property
    def is_number(self) -> bool:
        return self.parameter is None or self.parameter.kind in (Kind.INTEGER, Kind.NUMBER)

    @property
    def is_path(self) -> bool:
        return self.parameter is not None and self.parameter.kind is Kind.PATH

    @property
    def is_structure(self) -> bool:
        return self.parameter is not None and self.parameter.kind is Kind.STRUCTURE

    @property
    def placeholder(self) -> str:
        return "none" if self.parameter is not None and self.parameter.optional else ""
