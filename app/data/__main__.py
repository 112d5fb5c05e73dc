"""`python -P -m app.data scan | pieces | split`: processes that read a dataset's files beside the app."""

import sys


def main(command: str) -> int:
    """Only what is asked for is imported."""
    match command:
        case "scan":
            from app.data.scan import scan_and_tell

            return scan_and_tell()
        case "pieces":
            from app.data.scan_workers import serve_pieces

            return serve_pieces()
        case "split":
            from app.data.split import split_and_tell

            return split_and_tell()
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
