"""The import rings of the design hold; the contracts are in pyproject.toml."""

from importlinter.cli import lint_imports

from portal.env import CLONE


def test_imports_point_one_way() -> None:
    assert lint_imports(config_filename=str(CLONE / "pyproject.toml"), no_cache=True) == 0
