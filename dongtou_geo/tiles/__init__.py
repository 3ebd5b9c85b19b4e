"""Vector tiles of the parcels: any number of them, recoloured for any date in the browser."""
