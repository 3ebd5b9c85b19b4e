"""What a file held, before anybody decides what it means: cells, outlines, and where they stood."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from dongtou_geo.domain.intake_problem import IntakeProblem
from dongtou_geo.errors import DongtouGeoError


class FormatError(DongtouGeoError):
    """Raise when a file cannot be read at all: not what it says, damaged, locked, too large."""


class ChoiceNeededError(DongtouGeoError):
    """Raise when a file holds several things and somebody must say which one is meant.

    Parameters
    ----------
    message : str
        What there is to choose, in Chinese, naming the flag that chooses.
    flag : str
        ``--layer``, ``--crs`` or ``--encoding``.
    options : tuple of str
        The words that the flag takes.
    """

    def __init__(self, message: str, flag: str, options: tuple[str, ...]) -> None:
        super().__init__(message)
        self.flag = flag
        self.options = options


@dataclass(frozen=True, slots=True)
class Arrived:
    """One layer, worksheet or text file as it stood.

    Parameters
    ----------
    layer : str
        Name of the layer or worksheet, as the file has it.
    cells : DataFrame
        RangeIndex; one row a feature or table row, columns named as the file names them (made
        unique). Layers have typed columns (datetime64 for dates, str/object for text, numbers);
        tables have object columns of str, int, float, bool, date, datetime or None.
    row_numbers : ndarray of int64
        The number by which the sender finds each row: of the worksheet, or of the feature from 1.
    outlines : ndarray of object or None
        One shapely geometry (or None) a row, XY, in the file's own coordinates, not repaired;
        None = the format holds no outlines. Curves are stroked to 1 cm.
    column_letters : dict of str to str
        Worksheet letter of each column, ``{"投产日期": "D"}``; empty for layers.
    declared_crs : str or None
        What the file says of its coordinates: WKT, PROJJSON or ``EPSG:n``; None = nothing.
    encoding : str or None
        Of text, where the format leaves it open (Shapefile, CSV, TXT); None = fixed by the format.
    encoding_reason : str or None
        Why that encoding, in Chinese.
    problems : tuple of IntakeProblem
        Found while reading; a problem that is an error rejects its row.
    facts : dict of str to str
        What else the file says and the coordinates may depend on: 几度分带, 带号, 坐标系 (TXT).
    """

    layer: str
    cells: pd.DataFrame
    row_numbers: NDArray[np.int64]
    outlines: NDArray[np.object_] | None = None
    column_letters: dict[str, str] = field(default_factory=dict)
    declared_crs: str | None = None
    encoding: str | None = None
    encoding_reason: str | None = None
    problems: tuple[IntakeProblem, ...] = ()
    facts: dict[str, str] = field(default_factory=dict)

    def cell(self, column: str, row: int) -> str:
        """Name a cell as its sender finds it.

        Parameters
        ----------
        column : str
            Column of ``cells``.
        row : int
            Position in ``cells``, from 0.

        Returns
        -------
        str
            ``Sheet1!D17`` for tables, the column's name for layers.
        """
        letter = self.column_letters.get(column)
        return f"{self.layer}!{letter}{self.row_numbers[row]}" if letter else column
