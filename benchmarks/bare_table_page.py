"""The pages to compare with: one table of fifty rows, filtered by a select box."""

import pandas as pd
import streamlit as st

ROWS = pd.DataFrame(
    {
        "number": [f"P-{row:04d}" for row in range(50)],
        "park": [f"park {row % 5}" for row in range(50)],
        "area": [10.5 + row for row in range(50)],
    }
)


def one() -> None:
    """Show the table."""
    chosen = st.selectbox("park", ["all", *sorted(set(ROWS["park"]))])
    st.table(ROWS if chosen == "all" else ROWS[ROWS["park"] == chosen])
    st.html(f"<p class='shown'>one {chosen}</p>")


def two() -> None:
    """Show it again."""
    st.table(ROWS)
    st.html("<p class='shown'>two</p>")


st.set_page_config(layout="wide")
pages = [st.Page(one, title="one", default=True), st.Page(two, title="two")]
st.navigation(pages, position="top").run()
