"""The script that Streamlit runs, in a folder of its own.

Beside a folder named pages/ Streamlit takes every module there for a page of the old kind and
runs it by its file name.
"""
