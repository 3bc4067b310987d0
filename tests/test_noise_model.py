"""The noise model: what it says, in which forms it comes, and what it refuses."""

from __future__ import annotations

import io
import json
import os
import pickle
import socket
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hostile import code_bytes, greedy_bytes, limited_memory
from hypothesis import given, settings
from hypothesis import strategies as st

from inspector.exceptions import NoiseModelError
from inspector.files.checkpoints.noise_model_file import MAX_BYTES, load_noise_model, save_noise_model
from inspector.files.checkpoints.plain_pickle import read_plain_pickle
from inspector.science.labels import LABEL_NAMES, LABELS, label_index
from inspector.science.noise_model import NoiseModel

CORRECTIONS = {name: {"offset": 0.01 * n, "scale": 1 + 0.1 * n} for n, name in enumerate(LABEL_NAMES)}


def load(tmp_path: Path, content: bytes | str | Any, name: str = "noise") -> NoiseModel:
    """Load what was written: bytes and text as they are, anything else pickled."""
    data = content.encode() if isinstance(content, str) else content
    file = tmp_path / name
    file.write_bytes(data if isinstance(data, bytes) else pickle.dumps(data))
    return load_noise_model(file)


def assert_is_corrections(model: NoiseModel) -> None:
    np.testing.assert_allclose(model.scale, [entry["scale"] for entry in CORRECTIONS.values()], rtol=1e-7)
    np.testing.assert_allclose(model.offset, [entry["offset"] for entry in CORRECTIONS.values()], rtol=1e-6)


@pytest.mark.parametrize("protocol", range(6))
@pytest.mark.parametrize("kind", [float, np.float64, np.float32, np.array, lambda x: np.array([x])])
def test_the_pipelines_pickle_in_every_protocol_and_kind_of_number(tmp_path, protocol, kind):
    made = {name: {key: kind(number) for key, number in entry.items()} for name, entry in CORRECTIONS.items()}
    model = load(tmp_path, pickle.dumps((made, "DR17"), protocol=protocol))
    assert_is_corrections(model)
    assert model.reference == "DR17"


@pytest.mark.parametrize("protocol", [2, 4])
@pytest.mark.parametrize("kind", [np.float64, np.array])
def test_a_pickle_of_numpy_1_names_its_modules_otherwise(tmp_path, protocol, kind):
    made = {name: {key: kind(number) for key, number in entry.items()} for name, entry in CORRECTIONS.items()}
    data = pickle.dumps((made, {}), protocol=protocol)
    if protocol == 2:
        old = data.replace(b"numpy._core.multiarray", b"numpy.core.multiarray")
    else:
        new_name, old_name = b"\x8c\x16numpy._core.multiarray", b"\x8c\x15numpy.core.multiarray"
        old = data[:2] + data[11:].replace(new_name, old_name)  # without the frame, whose length has changed
    assert old != data
    assert_is_corrections(load(tmp_path, old))


def test_json_toml_and_the_bare_dict(tmp_path):
    toml = "\n".join(f"[{name}]\noffset = {e['offset']}\nscale = {e['scale']}" for name, e in CORRECTIONS.items())
    whole = {"corrections": CORRECTIONS, "reference": "DR17"}
    for content in (json.dumps(CORRECTIONS), json.dumps(whole), toml, CORRECTIONS, whole):
        assert_is_corrections(load(tmp_path, content))


@pytest.mark.parametrize(
    ("alias", "label"), [("c1_h", "c_1_h"), ("ti2_h", "ti_2_h"), ("C", "c_h"), ("TiII", "ti_2_h"), ("[C/H]", "c_h")]
)
def test_aliases_name_their_label(tmp_path, alias, label):
    model = load(tmp_path, json.dumps({alias: {"scale": 2, "offset": 0.5}}))
    assert set(LABEL_NAMES) - set(model.missing) == {label}
    corrected = model.correct(np.ones(len(LABELS)))
    assert corrected[label_index(label)] == 2.5
    assert np.isnan(np.delete(corrected, label_index(label))).all()


def test_two_names_for_one_label_are_refused(tmp_path):
    entry = {"scale": 1, "offset": 0}
    with pytest.raises(NoiseModelError, match="corrects c_1_h twice, as 'CI' and as 'c1_h'"):
        load(tmp_path, json.dumps({"CI": entry, "c1_h": entry}))


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        ({"scale": -0.5, "offset": 0}, "negative scale"),
        ({"scale": float("nan"), "offset": 0}, "not finite"),
        ({"scale": 1, "offset": float("inf")}, "not finite"),
        ({"scale": 10**400, "offset": 0}, "not finite"),
        ({"scale": 1}, "no number 'offset' for 'teff'"),
        ({"scale": "1", "offset": 0}, "no number 'scale'"),
        ({"scale": True, "offset": 0}, "no number 'scale'"),
        ({"scale": [1, 2], "offset": 0}, "no number 'scale'"),
        (1.5, "no number 'scale'"),
        (None, "no number 'scale'"),
    ],
)
def test_an_entry_that_makes_no_sense_is_refused_with_its_label(tmp_path, entry, sentence):
    for content in ({"teff": entry}, json.dumps({"teff": entry})):
        with pytest.raises(NoiseModelError, match=sentence) as caught:
            load(tmp_path, content)
        assert "teff" in str(caught.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ({"zr_h": {"scale": 1, "offset": 0}}, "'zr_h', which is not a label"),
        ({}, "corrects no label"),
        ([1, 2], "holds a list"),
        (({"teff": {"scale": 1, "offset": 0}}, "a", "b"), "holds a tuple"),
        (b"", "corrects no label"),
        (b"\x80", "neither a pickle"),
        (b"SIMPLE  =", "neither a pickle"),
        (b"\xff\xfe\x00", "neither a pickle"),
        ("[" * 50_000, "neither a pickle"),
        ('{"a":' * 50_000, "neither a pickle"),
        (b" " * (MAX_BYTES + 1), "larger than"),
    ],
)
def test_what_is_no_noise_model_is_refused(tmp_path, content, sentence):
    with pytest.raises(NoiseModelError, match=sentence):
        load(tmp_path, content)


def test_a_place_that_is_no_file_is_refused(tmp_path):
    for place in (tmp_path, tmp_path / "missing", tmp_path / ("x" * 5000)):
        with pytest.raises(NoiseModelError, match="cannot be read"):
            load_noise_model(place)
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "socket"))
        for place in ("/dev/zero", "/dev/null", tmp_path / "pipe", tmp_path / "socket"):
            with pytest.raises(NoiseModelError, match="is a pipe, socket or device"):
                load_noise_model(place)
    (tmp_path / "large").write_bytes(bytes(MAX_BYTES + 1))
    with pytest.raises(NoiseModelError, match="larger than"):
        load_noise_model(tmp_path / "large")


def test_toml_that_takes_the_square_of_its_length_is_refused_at_once(tmp_path):
    with pytest.raises(NoiseModelError, match="larger than 16 KiB"):
        load(tmp_path, ".".join("a" * 200_000) + " = 1")


@pytest.mark.parametrize(
    ("label", "scale", "offset", "sentence"),
    [
        ("teff", 0.5, -3.0, "turns a raw error of 5 K into -0.5 K"),
        ("fe_h", 0.5, -0.0025, "turns a raw error of 0.005 dex into 0 dex"),
        ("teff", 1e9, 0.0, "is absurd"),
        ("mg_h", 1.0, 1e30, "is absurd"),
        ("mg_h", 1.0, -1e30, "is absurd"),
    ],
)
def test_a_correction_that_makes_negative_or_absurd_errors_is_refused(tmp_path, label, scale, offset, sentence):
    with pytest.raises(NoiseModelError, match=sentence):
        load(tmp_path, json.dumps({label: {"scale": scale, "offset": offset}}))


def test_a_small_negative_offset_is_read_and_leaves_no_negative_error(tmp_path):
    model = load(tmp_path, json.dumps({"teff": {"scale": 0.5, "offset": -2.0}, "fe_h": {"scale": 1, "offset": 0}}))
    raw = np.full(len(LABELS), 30.0)
    assert model.correct(raw)[label_index("teff")] == 13.0
    assert np.isnan(model.correct(raw / 10)[label_index("teff")])


def test_a_reference_is_kept_short_and_plain(tmp_path):
    said = {"corrections": CORRECTIONS, "reference": "\x1b[31mDR17\x00" + "x" * 100_000}
    model = load(tmp_path, json.dumps(said))
    assert model.reference.startswith("[31mDR17x") and len(model.reference) == 200


@pytest.mark.parametrize(("depth", "sentence"), [(12, "by a tuple"), (60, "nested in each other too often")])
def test_weights_nested_in_themselves_are_no_hash(tmp_path, depth, sentence):
    nest = b")\x94" + b"".join(b"h%c" % n * 2 + b"\x86\x94" for n in range(depth))
    said = b"}(" + opcodes("reference") + opcodes("") + opcodes("weights") + b"h%cu" % depth
    with pytest.raises(NoiseModelError, match=sentence):
        load(tmp_path, b"\x80\x04" + nest + opcodes(CORRECTIONS) + said + b"\x86.")


def opcodes(value: Any) -> bytes:
    """What pushes a value, without the pickler's memo."""
    made = io.BytesIO()
    pickler = pickle.Pickler(made, 2)
    pickler.fast = True
    pickler.dump(value)
    return made.getvalue()[2:-1]


def test_no_pickle_runs_its_code(tmp_path):
    mark = tmp_path / "it ran"
    for name, data in code_bytes(mark).items():
        with pytest.raises(NoiseModelError, match=r"was refused|neither a pickle"):
            load(tmp_path, data)
        assert not mark.exists(), name


def test_the_refusal_names_what_the_pickle_asks_for(tmp_path):
    with pytest.raises(NoiseModelError, match=r"'(posix|nt)\.system', which could run code"):
        load(tmp_path, code_bytes(tmp_path / "mark")["os.system 4"])


@pytest.mark.parametrize("name", greedy_bytes())
def test_no_pickle_takes_gigabytes_or_for_ever(tmp_path, name):
    with limited_memory(256 << 20), pytest.raises(NoiseModelError):
        load(tmp_path, greedy_bytes()[name])


@pytest.mark.parametrize("kind", ["O", "O8", "V8", "S8", "U2", "f8,f8", "M8", (("a", "f8"),), 7])
def test_numpys_other_kinds_are_refused(tmp_path, kind):
    def dtype(code: bytes) -> bytes:
        return b"\x80\x04cnumpy.core.multiarray\nscalar\n(cnumpy\ndtype\n(" + code + b"\x89\x88tRC\x0812345678tR."

    with pytest.raises(NoiseModelError, match=r"neither|refused"):
        load(tmp_path, dtype(pickle.dumps(kind, protocol=2)[2:-1].replace(b"q\x00", b"")))


def test_a_pickle_cannot_change_a_helper_or_a_type(tmp_path):
    state = b"(N}\x8c\x0c__defaults__)st"
    for named in (b"cnumpy\ndtype\n", b"cnumpy.core.multiarray\nscalar\n"):
        with pytest.raises(NoiseModelError, match=r"refused|neither a pickle"):
            load(tmp_path, b"\x80\x04" + named + state + b"b.")


PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=5)
    | st.binary(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4) | st.tuples(inner, inner)
    ),
    max_leaves=10,
)


@given(PLAIN, st.integers(0, 5))
@settings(max_examples=60, deadline=None)
def test_plain_values_are_read_as_pythons_own_unpickler_reads_them(value, protocol):
    data = pickle.dumps(value, protocol=protocol)
    if b"__builtin__" not in data:  # how the oldest protocols write empty bytes: by a call
        assert read_plain_pickle(data) == value


@given(st.binary(max_size=60), st.integers(0, 200))
@settings(max_examples=100, deadline=None)
def test_a_damaged_pickle_is_a_noise_model_error_or_a_noise_model(tmp_path_factory, noise, place):
    whole = pickle.dumps((dict(list(CORRECTIONS.items())[:3]), np.float64(1)))
    place %= len(whole)
    try:
        load(tmp_path_factory.getbasetemp(), whole[:place] + noise + whole[place + len(noise) :])
    except NoiseModelError as error:
        assert str(error).strip()


def test_it_is_saved_and_read_back(tmp_path):
    model = load(tmp_path, json.dumps({"corrections": dict(list(CORRECTIONS.items())[:5]), "reference": "DR17"}))
    for name in ("again.pkl", "again.json"):
        save_noise_model(model, tmp_path / name)
        again = load_noise_model(tmp_path / name)
        np.testing.assert_array_equal(again.scale, model.scale)
        np.testing.assert_array_equal(again.offset, model.offset)
        assert (again.reference, again.missing, again.name) == ("DR17", LABEL_NAMES[5:], name)


def test_identity_corrects_nothing():
    raw = np.arange(len(LABELS)) / 7
    np.testing.assert_array_equal(NoiseModel.identity().correct(raw), raw)
