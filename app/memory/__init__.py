"""Will it fit: what a training needs of memory, and how that stands to what there is."""
