"""Text in, scene out, words included. Nothing here knows Streamlit: pages, notebooks and the command line share it."""
