"""Where a file is dropped, and where the template is taken from."""

from __future__ import annotations

import tempfile
from pathlib import Path

import streamlit as st

from dongtou_geo import settings
from dongtou_geo.formats.template import write_template
from dongtou_geo.services.intake.desk import Desk, put_down
from dongtou_geo.services.intake.memory import ColumnMemory
from dongtou_geo.ui import cache

SUFFIXES = (
    "gpkg", "zip", "geojson", "json", "dxf", "kml", "kmz", "xlsx", "xlsm", "xls", "csv", "txt",
)  # fmt: skip
_TAKEN = "intake-taken"


def drop(desk: Desk | None) -> Desk | None:
    """Show the uploader; return a desk with the file where a new one was dropped.

    Parameters
    ----------
    desk : Desk or None
        What lies on the desk now.
    """
    with st.container(horizontal=True, key="intake-drop", vertical_alignment="bottom"):
        sent = st.file_uploader(
            "收到的文件：Excel、CSV、界址点 TXT、Shapefile（打包成 zip）、GeoPackage、File GDB（zip）、GeoJSON、DXF、KML",
            type=list(SUFFIXES), key="intake-file",
        )  # fmt: skip
        st.download_button(
            "下载填报模板", data=_template(), file_name="地块台账填报模板.xlsx",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        )  # fmt: skip
    if sent is None:
        st.session_state.pop(_TAKEN, None)
        return None
    if st.session_state.get(_TAKEN) == sent.file_id:
        return None
    st.session_state[_TAKEN] = sent.file_id
    return put_down(sent.name, sent.getvalue(), ColumnMemory(settings.COLUMN_MEMORY))


@st.cache_data(show_spinner=False)
def _template() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "template.xlsx"
        write_template(path, cache.ground().park_names)
        return path.read_bytes()
