"""What ``import gahb`` offers; each is imported when it is first asked for."""

from .analysis.jacobian import LocalMap as LocalMap
from .analysis.jacobian import dense_jacobian as dense_jacobian
from .auditing import Audit as Audit
from .auditing import audit as audit
from .data.preprocess import read_folder as read_folder
from .denoisers.adapters import Clean as Clean
from .denoisers.adapters import Epsilon as Epsilon
from .denoisers.adapters import LearnedVariance as LearnedVariance
from .denoisers.adapters import Residual as Residual
from .denoisers.adapters import SymmetricRange as SymmetricRange
from .denoisers.adapters import Timesteps as Timesteps
from .denoisers.adapters import VariancePreserving as VariancePreserving
from .denoisers.adapters import Velocity as Velocity
from .denoisers.adapters import WholeSteps as WholeSteps
from .denoisers.bf_cnn import BFCNN as BFCNN
from .denoisers.contract import validate as validate
from .denoisers.edm import EDM as EDM
from .denoisers.empirical import EmpiricalDenoiser as EmpiricalDenoiser
from .denoisers.gaussian import GaussianDenoiser as GaussianDenoiser
from .denoisers.gaussian import moments as moments
from .denoisers.published import read_published as read_published
from .denoisers.states import read_state as read_state
from .denoisers.unet import UNet as UNet
from .denoisers.wavelet import WaveletBasis as WaveletBasis
from .denoisers.wavelet import WaveletDenoiser as WaveletDenoiser
from .metrics import mse as mse
from .metrics import psnr_db as psnr_db
from .noise import add_noise as add_noise
from .sampling.ascent import Ascent as Ascent
from .sampling.ascent import ascend as ascend
from .sampling.methods import draw_samples as draw_samples
from .sampling.ode import integrate as integrate
from .settings import SamplingSettings as SamplingSettings
from .types import Denoiser as Denoiser

__version__: str
