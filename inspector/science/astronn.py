"""The two astroNN functions this project stands on, imported in one place.

Only ``astroNN.apogee`` is imported: it needs neither TensorFlow nor Keras.
"""

import warnings

with warnings.catch_warnings():
    # astroNN 1.1.0 imports pkg_resources, which announces its own retirement to every user
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated", category=UserWarning)
    from astroNN.apogee import apogee_continuum, aspcap_mask
    from astroNN.data import datapath

__all__ = ["apogee_continuum", "aspcap_mask", "datapath"]
