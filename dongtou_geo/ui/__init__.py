"""The pages. The only room that knows Streamlit."""
