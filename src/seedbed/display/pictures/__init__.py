"""Pictures that are no charts: images in rows, and diagrams, drawn as SVG."""
