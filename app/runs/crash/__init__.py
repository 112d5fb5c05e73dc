"""Why a run died or failed, in words: one small file for each family of deaths, tried in the order of `report`."""
