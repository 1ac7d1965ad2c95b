"""“The subject” and “the background” as a selection, for operations that work on one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch

from engine.api import EditRequest, EditResult, Mask
from engine.operations.cutting import cut_out
from engine.operations.report import Report

Operation = Callable[[EditRequest, Report, torch.device | str], EditResult]


def found_first(operation: Operation) -> Operation:
    """The operation, on what its request's ``region`` names: found before it runs, and told with its result."""

    def run(request: EditRequest, report: Report, device: torch.device | str) -> EditResult:
        region = request.values.get("region")
        if region not in ("subject", "background"):
            return operation(request, report, device)
        report.progress(0.02, "looking for the subject")
        mask = region_mask(request, report, is_subject=region == "subject")
        result = operation(replace(request, mask=mask), report, device)
        return replace(result, mask=mask[result.rect_px.slices(request.reach_px)])

    return run


def region_mask(request: EditRequest, report: Report, *, is_subject: bool) -> Mask:
    """H×W uint8 of the reach: the subject, or all but it, as far as the request's own mask allows.

    Raises:
        SubjectNotFound: nothing stands out.
        Cancelled: by ``report.check``.
    """
    everything = replace(request, mask=np.full_like(request.mask, 255))
    alpha = cut_out(everything, report).alpha
    share = alpha if is_subject else 1 - alpha
    return np.minimum(np.rint(share * 255).astype(np.uint8), request.mask)
