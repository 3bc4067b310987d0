"""ApogeeBCNNCensored written out literally in numpy: slow, and independent of torch's layers."""

from __future__ import annotations

import numpy as np

from inspector.science.labels import ELEMENTS


def forward(state, flux, drop=lambda hidden: hidden):
    """One pass over one spectrum; `state` holds the arrays of a checkpoint. Returns value, log-variance (22,)."""
    w = {key: np.asarray(value, dtype=np.float64) for key, value in state.items() if "mask" not in key}
    x = flux - w["input_mean"]

    hidden = drop(relu(convolve(x[None], w["conv1.weight"], w["conv1.bias"])))
    hidden = relu(convolve(hidden, w["conv2.weight"], w["conv2.bias"]))
    pooled = [hidden[:, 4 * i : 4 * i + 4].max(axis=1) for i in range(hidden.shape[1] // 4)]
    hidden = drop(np.concatenate(pooled))  # position-major, channel-minor
    hidden = drop(relu(dense(w, "dense_1", hidden)))
    hidden = relu(dense(w, "dense_2", hidden))
    stellar, stellar_var = dense(w, "dense_teffloggfeh", hidden), dense(w, "dense_teffloggfeh_var", hidden)
    shared = np.concatenate([dense(w, "dense_aux_fullspec", hidden), stellar])

    values, variances = [], []
    for e in range(len(ELEMENTS)):
        seen = x[np.asarray(state[f"aspcap_masks.{e}"], dtype=bool)]
        seen = drop(relu(dense(w, f"elem_dense1.{e}", seen)))
        seen = np.concatenate([drop(relu(dense(w, f"elem_dense2.{e}", seen))), shared])
        values.append(dense(w, f"elem_dense_out.{e}", seen)[0])
        variances.append(dense(w, f"elem_dense_var.{e}", seen)[0])
    return in_order(stellar, values), in_order(stellar_var, variances)


def in_order(stellar, elements):
    """teff, logg, seventeen elements, fe, two elements: the checkpoint's order of labels."""
    return np.array([*stellar[:2], *elements[:17], stellar[2], *elements[17:]])


def convolve(x, weight, bias):
    """Correlation as networks do it, length kept: three zeros left, four right."""
    seen = np.lib.stride_tricks.sliding_window_view(np.pad(x, ((0, 0), (3, 4))), 8, axis=1)
    return np.einsum("ock,cik->oi", weight, seen) + bias[:, None]


def dense(w, name, hidden):
    return w[f"{name}.weight"] @ hidden + w[f"{name}.bias"]


def relu(hidden):
    return np.maximum(hidden, 0)
