"""Does somebody else's diffusion model repeat its training images? ``gahb`` as an instrument.

`audit` takes any denoiser under the contract of `gahb.types.Denoiser`, the images that it was
trained on and others that it was not, and answers with intervals and a verdict. Every measure
of samples stands beside the same measure of held-out images: what real images that the model
has never seen would give.

`gahb.auditing.pictures_alone` looks at pictures, `gahb.auditing.denoising` at the denoiser,
and `gahb.auditing.verdict` says what their rows mean together.
"""

from gahb.auditing.instrument import BLIND, SIGMAS, TOLD, Audit, audit
from gahb.auditing.verdict import CLEAR, LEANS, MEMORISES, OVERFITS, UNJUDGED, Verdict, judge

__all__ = [
    "BLIND",
    "CLEAR",
    "LEANS",
    "MEMORISES",
    "OVERFITS",
    "SIGMAS",
    "TOLD",
    "UNJUDGED",
    "Audit",
    "Verdict",
    "audit",
    "judge",
]
