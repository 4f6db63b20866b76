"""Seeds that are on record are not run again."""

from tests.proofs import lesson_process


def test_only_seeds_that_are_not_known_are_run(monkeypatch, tmp_path):
    ran = []
    monkeypatch.setattr(
        lesson_process, "run", lambda name, seed, *_: ran.append((name, seed)) or {"seed": seed}
    )
    results = lesson_process.over_seeds("day3.denoise", range(3), tmp_path, known={"1": {"seed": 1}})
    assert ran == [("day3.denoise", 0), ("day3.denoise", 2)]
    assert {seed: result["seed"] for seed, result in results.items()} == {"0": 0, "1": 1, "2": 2}
