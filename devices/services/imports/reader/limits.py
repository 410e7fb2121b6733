"""How much one import may hold: the reader counts as it goes and stops at the first excess."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one go (all its files together, see `less`) and of one row."""

    rows: int = 50_000
    size: int = 250_000_000  # bytes
    cell: int = 32_768  # characters; Excel's own limit is 32,767
    columns: int = 256
    line: int = 131_072  # characters of a physical line; also the csv module's own field limit
    lines: int = 2_000_000  # Excel pads a sheet to 1,048,576 rows of commas

    def less(self, *, rows: int, size: int) -> "Limits":
        """What is left for the next file of the same go."""
        return replace(self, rows=max(0, self.rows - rows), size=max(0, self.size - size))
