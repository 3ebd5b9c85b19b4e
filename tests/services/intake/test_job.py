import threading

import pytest

from dongtou_geo.errors import DongtouGeoError
from dongtou_geo.services.intake.job import Cancelled, CancelledError, Job, Tell


def test_a_job_tells_what_it_does_and_returns_its_result() -> None:
    told, go = threading.Event(), threading.Event()

    def work(tell: Tell, _cancelled: Cancelled) -> int:
        tell("读取文件")
        told.set()
        go.wait(10)
        return 7

    job = Job(work)
    assert told.wait(10)
    assert (job.doing, job.done) == ("读取文件", False)
    go.set()
    assert job.result() == 7
    assert job.done


def test_a_cancelled_job_stops_at_its_next_word() -> None:
    started, go = threading.Event(), threading.Event()

    def work(tell: Tell, cancelled: Cancelled) -> bool:
        started.set()
        go.wait(10)
        assert cancelled()
        tell("写入台账")
        return True

    job = Job(work)
    started.wait(10)
    job.cancel()
    go.set()
    with pytest.raises(CancelledError, match="台账没有改变"):
        job.result()


def test_refusals_and_our_own_faults_reach_the_page_in_words() -> None:
    def refuse(_tell: Tell, _cancelled: Cancelled) -> int:
        msg = "文件打不开"
        raise DongtouGeoError(msg)

    def break_down(_tell: Tell, _cancelled: Cancelled) -> int:
        raise ZeroDivisionError

    with pytest.raises(DongtouGeoError, match="文件打不开"):
        Job(refuse).result()
    with pytest.raises(DongtouGeoError, match="ZeroDivisionError") as told:
        Job(break_down).result()
    assert isinstance(told.value.__cause__, ZeroDivisionError)
    assert Job(lambda _tell, _cancelled: 1).wait(10)
