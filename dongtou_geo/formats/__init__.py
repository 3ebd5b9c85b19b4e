"""What land offices send and want: files in, files out. The only room where GDAL opens a file."""
