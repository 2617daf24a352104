"""What several pages share: link, input, pickers, drawers, downloads, notices."""
