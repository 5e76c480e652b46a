"""Checkpoints: what loads, what does not fit, what is refused without running."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from tests.hostile import Payload, fires, saved
from tk_worker.checkpoints import fit, read_checkpoint
from tk_worker.errors import WorkerError
from tk_worker.models.iresnet import IResNet


def network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))


def save(path: Path, value: object, legacy: bool = False) -> Path:
    torch.save(value, path, _use_new_zipfile_serialization=not legacy)
    return path


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
class TestHostile:
    def test_a_pickle_that_runs_code_is_refused_by_its_global(
        self, tmp_path: Path, sentinel: Path, legacy: bool
    ):
        data = saved({"state_dict": {"0.weight": torch.zeros(1), "x": Payload(sentinel)}}, legacy)
        assert fires(data, sentinel)
        (tmp_path / "evil.pt").write_bytes(data)
        with pytest.raises(WorkerError, match=r"evil\.pt is refused: it would run posix\.system") as raised:
            read_checkpoint(tmp_path / "evil.pt")
        assert (raised.value.code, raised.value.exit) == ("unsafe-checkpoint", 2)
        assert not sentinel.exists()

    def test_a_whole_pickled_module_is_refused(self, tmp_path: Path, legacy: bool):
        path = save(tmp_path / "module.pt", network(), legacy)
        with pytest.raises(WorkerError, match=r"would run torch\.nn\.modules\.container\.Sequential"):
            read_checkpoint(path)

    def test_a_numpy_object_array_is_refused(self, tmp_path: Path, sentinel: Path, legacy: bool):
        path = save(tmp_path / "array.pt", {"a": np.array([Payload(sentinel)], dtype=object)}, legacy)
        with pytest.raises(WorkerError, match=r"refused: it would run numpy"):
            read_checkpoint(path)
        assert not sentinel.exists()


@pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
def test_a_checkpoint_in_magfaces_exact_shape_loads_and_lists_what_it_drops(tmp_path: Path, legacy: bool):
    torch.manual_seed(0)
    trained = IResNet(18)
    state = {f"features.module.{key}": value for key, value in trained.state_dict().items()}
    state["fc.weight"] = torch.zeros(512, 1000)
    optimizer = torch.optim.SGD(trained.parameters(), 0.1, momentum=0.9)
    checkpoint = {"epoch": 25, "arch": "iresnet18", "state_dict": state, "optimizer": optimizer.state_dict()}
    path = save(tmp_path / "magface.pth", checkpoint, legacy)
    module = IResNet(18)
    fitted = fit(module, read_checkpoint(path), ("fc.",), False, path.name)
    assert fitted.dropped == ["epoch", "arch", "optimizer", "fc.weight"]
    assert fitted.missing == []
    assert all(torch.equal(value, trained.state_dict()[key]) for key, value in module.state_dict().items())


@pytest.mark.parametrize("prefix", ["", "module.", "features.module.", "module.features."])
@pytest.mark.parametrize("wrapper", [None, "state_dict", "model"])
def test_wrappers_and_prefixes_are_taken_off(tmp_path: Path, prefix: str, wrapper: str | None):
    trained = network()
    state = {prefix + key: value for key, value in trained.state_dict().items()}
    path = save(tmp_path / "wrapped.pt", state if wrapper is None else {wrapper: state})
    module = network()
    fit(module, read_checkpoint(path), (), False, path.name)
    assert torch.equal(module.state_dict()["0.weight"], trained.state_dict()["0.weight"])


def test_numpy_scalars_beside_the_weights_are_read(tmp_path: Path):
    metrics = {"best": np.float64(0.5), "epoch": np.int64(3)}
    path = save(tmp_path / "c.pt", {"state_dict": network().state_dict(), **metrics})
    assert read_checkpoint(path).beside == ["best", "epoch"]


class TestMisfit:
    def checkpoint(self, tmp_path: Path, change: dict[str, torch.Tensor | None]) -> Path:
        state = {**network().state_dict(), **change}
        return save(tmp_path / "c.pt", {key: value for key, value in state.items() if value is not None})

    def test_missing_and_unexpected_keys_are_listed_with_their_number(self, tmp_path: Path):
        path = self.checkpoint(tmp_path, {"0.bias": None, "1.bias": None, "head.weight": torch.zeros(2)})
        with pytest.raises(WorkerError) as raised:
            fit(network(), read_checkpoint(path), (), False, path.name)
        assert raised.value.message == (
            "c.pt does not fit the network: 2 missing (0.bias, 1.bias); 1 unexpected (head.weight)"
        )
        assert raised.value.hint == "--allow-partial loads what fits"

    def test_allow_partial_takes_what_fits_and_tells_the_rest(self, tmp_path: Path):
        path = self.checkpoint(tmp_path, {"0.bias": None, "head.weight": torch.zeros(2)})
        fitted = fit(network(), read_checkpoint(path), (), True, path.name)
        assert (fitted.dropped, fitted.missing) == (["head.weight"], ["0.bias"])

    def test_a_checkpoint_of_which_nothing_fits_is_an_error_even_so(self, tmp_path: Path):
        path = save(tmp_path / "c.pt", {"head.weight": torch.zeros(2)})
        with pytest.raises(WorkerError, match=r"missing .*; 1 unexpected \(head\.weight\)") as raised:
            fit(network(), read_checkpoint(path), (), True, path.name)
        assert raised.value.hint == (
            "is it a checkpoint of this network? What it holds is listed by: tk inspect FILE --variables"
        )

    def test_a_shape_that_differs_is_an_error_even_so(self, tmp_path: Path):
        path = self.checkpoint(tmp_path, {"0.bias": torch.zeros(5)})
        with pytest.raises(WorkerError, match=r"1 of another shape \(0\.bias has \[5\], the network \[4\]\)"):
            fit(network(), read_checkpoint(path), (), True, path.name)

    def test_a_long_list_is_cut_after_ten(self, tmp_path: Path):
        extra = {f"x{index}": torch.zeros(1) for index in range(25)}
        with pytest.raises(WorkerError, match=r"25 unexpected \(x0, .*x9, … 15 more\)"):
            fit(network(), read_checkpoint(self.checkpoint(tmp_path, extra)), (), False, "c.pt")


class TestDamaged:
    @pytest.mark.parametrize("legacy", [False, True], ids=["zip", "legacy"])
    def test_a_truncated_file_is_unreadable(self, tmp_path: Path, legacy: bool):
        path = save(tmp_path / "whole.pt", network().state_dict(), legacy)
        data = path.read_bytes()
        for share in (0.2, 0.5, 0.98):
            (tmp_path / "cut.pt").write_bytes(data[: int(len(data) * share)])
            with pytest.raises(WorkerError, match=r"truncated\?|refused") as raised:
                read_checkpoint(tmp_path / "cut.pt")
            assert raised.value.exit == 2

    @pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04junk", b"\x80\x02."], ids=repr)
    def test_what_is_no_checkpoint_says_so(self, tmp_path: Path, data: bytes):
        (tmp_path / "junk.pt").write_bytes(data)
        with pytest.raises(WorkerError, match=r"junk\.pt"):
            read_checkpoint(tmp_path / "junk.pt")

    def test_a_zip_bomb_is_refused_before_it_is_read(self, tmp_path: Path):
        with zipfile.ZipFile(tmp_path / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as bomb:
            bomb.writestr("archive/data/0", bytes(200 * 2**20))
        with pytest.raises(WorkerError, match="absurd for its size") as raised:
            read_checkpoint(tmp_path / "bomb.pt")
        assert raised.value.code == "suspicious-archive"

    def test_a_file_that_is_not_there(self, tmp_path: Path):
        with pytest.raises(WorkerError, match="no checkpoint at"):
            read_checkpoint(tmp_path / "none.pt")


def test_real_checkpoints_that_need_more_pickle_are_refused_as_what_they_are(shared: Path):
    with pytest.raises(WorkerError, match="is a TorchScript model, not a checkpoint"):
        read_checkpoint(shared / "weights" / "mtcnn_yeyupiaoling" / "PNet.pth")
