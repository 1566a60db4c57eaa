// The controlled vocabulary of UCD1+ (IVOA list of words, as shipped with astropy 5.2), by syntax code.

/** Words by their syntax code (UCD 1.1, section 3): where in a UCD a word may stand. */
export const ucdWords = {
  /** primary word only */
  P: `
    arith.factor arith.grad arith.rate meta meta.abstract meta.bib meta.bib.author meta.bib.bibcode
    meta.bib.fig meta.bib.journal meta.bib.page meta.bib.volume meta.code meta.code.class meta.code.error
    meta.code.member meta.code.mime meta.code.multip meta.code.qual meta.code.status meta.cryptic
    meta.curation meta.id meta.id.assoc meta.id.CoI meta.id.cross meta.id.parent meta.id.part meta.id.PI
    meta.note meta.number meta.record meta.ref meta.ref.url meta.title meta.unit meta.version pos.wcs
    pos.wcs.cdmatrix pos.wcs.crpix pos.wcs.crval pos.wcs.ctype pos.wcs.naxes pos.wcs.naxis pos.wcs.scale
    stat.correlation stat.covariance stat.error stat.error.sys stat.fit.chi2 stat.fit.dof stat.fit.goodness
    stat.fit.residual stat.likelihood stat.snr stat.stdev stat.variance stat.weight
  `,
  /** secondary word only */
  S: `
    arith.diff arith.ratio em em.IR em.IR.15-30um em.IR.3-4um em.IR.30-60um em.IR.4-8um em.IR.60-100um
    em.IR.8-15um em.IR.FIR em.IR.H em.IR.J em.IR.K em.IR.MIR em.IR.NIR em.UV em.UV.10-50nm em.UV.100-200nm
    em.UV.200-300nm em.UV.50-100nm em.UV.FUV em.X-ray em.X-ray.hard em.X-ray.medium em.X-ray.soft em.gamma
    em.gamma.hard em.gamma.soft em.line em.line.HI em.line.Brgamma em.line.Halpha em.line.Hbeta
    em.line.Hgamma em.line.Hdelta em.line.Lyalpha em.line.OIII em.line.CO em.mm em.mm.100-200GHz
    em.mm.1500-3000GHz em.mm.200-400GHz em.mm.30-50GHz em.mm.400-750GHz em.mm.50-100GHz em.mm.750-1500GHz
    em.opt em.opt.B em.opt.I em.opt.R em.opt.U em.opt.V em.radio em.radio.100-200MHz em.radio.12-30GHz
    em.radio.1500-3000MHz em.radio.20-100MHz em.radio.200-400MHz em.radio.3-6GHz em.radio.400-750MHz
    em.radio.6-12GHz em.radio.750-1500MHz instr.beam instr.det instr.filter instr.fov instr.obsty
    instr.pixel instr.plate meta.file meta.fits meta.main meta.modelled meta.software meta.table obs
    obs.atmos obs.calib obs.calib.flat obs.exposure obs.field obs.image obs.proposal obs.sequence phys.atmol
    phys.atmol.ionization phys.atmol.level phys.atmol.transition phys.composition phys.cosmology
    phys.electron phys.mol.rotation phys.mol.vibration phys.particle.neutrino pos.barycenter pos.bodyrc
    pos.cartesian pos.cmb pos.earth pos.ecliptic pos.eop pos.eq pos.errorEllipse pos.galactic
    pos.galactocentric pos.geocentric pos.heliocentric pos.lambert pos.lg pos.lsr pos.supergalactic
    spect.continuum spect.line src src.calib src.calib.guideStar src.net stat.fit.omc stat.max stat.mean
    stat.median stat.min stat.uncalib
  `,
  /** primary or secondary */
  Q: `
    arith arith.zp em.bin em.energy em.freq em.wavenumber em.wl em.wl.central em.wl.effective instr
    instr.bandpass instr.bandwidth instr.baseline instr.calib instr.det.noise instr.det.psf instr.det.qe
    instr.dispersion instr.obsty.seeing instr.offset instr.order instr.param instr.plate.emulsion
    instr.precision instr.saturation instr.scale instr.sensitivity instr.setup instr.skyLevel instr.skyTemp
    instr.tel instr.tel.focalLength meta.dataset meta.email meta.ref.ivorn meta.ref.uri meta.ucd obs.airMass
    obs.atmos.extinction obs.atmos.refractAngle obs.observer obs.param obs.proposal.cycle phot.calib
    phot.color.excess phot.color.reddFree phot.flux.bol phot.mag.bol phot.mag.distMod phys phys.SFR
    phys.absorption.coeff phys.absorption.gal phys.absorption.opticalDepth phys.abund phys.abund.Fe
    phys.abund.X phys.abund.Y phys.abund.Z phys.acceleration phys.albedo phys.angArea phys.angMomentum
    phys.area phys.atmol.branchingRatio phys.atmol.collisional phys.atmol.collStrength
    phys.atmol.configuration phys.atmol.crossSection phys.atmol.element phys.atmol.excitation
    phys.atmol.final phys.atmol.initial phys.atmol.ionStage phys.atmol.lande phys.atmol.lifetime
    phys.atmol.lineShift phys.atmol.number phys.atmol.oscStrength phys.atmol.parity phys.atmol.qn
    phys.atmol.radiationType phys.atmol.symmetry phys.atmol.sWeight phys.atmol.sWeight.nuclear
    phys.atmol.term phys.atmol.transProb phys.atmol.wOscStrength phys.atmol.weight phys.columnDensity
    phys.composition.massLightRatio phys.composition.yield phys.damping phys.density phys.dielectric
    phys.dispMeasure phys.electron.degen phys.emissMeasure phys.emissivity phys.energy phys.energy.density
    phys.entropy phys.eos phys.excitParam phys.gauntFactor phys.gravity phys.ionizParam phys.ionizParam.coll
    phys.ionizParam.rad phys.luminosity.fun phys.magAbs.bol phys.mass phys.mass.loss phys.mol
    phys.mol.dipole phys.mol.dipole.electric phys.mol.dipole.magnetic phys.mol.dissociation
    phys.mol.formationHeat phys.mol.quadrupole phys.mol.quadrupole.electric phys.polarization.circular
    phys.polarization.linear phys.polarization.rotMeasure phys.polarization.stokes phys.pressure
    phys.recombination.coeff phys.refractIndex phys.size phys.size.axisRatio phys.size.diameter
    phys.size.radius phys.size.smajAxis phys.size.sminAxis phys.temperature phys.temperature.effective
    phys.temperature.electron phys.transmission phys.veloc.ang phys.veloc.dispersion phys.veloc.escape
    phys.veloc.expansion phys.veloc.microTurb phys.veloc.orbital phys.veloc.pulsat phys.veloc.rotat
    phys.veloc.transverse phys.virial pos pos.angDistance pos.angResolution pos.az pos.az.alt pos.az.azi
    pos.az.zd pos.bodyrc.alt pos.bodyrc.lat pos.bodyrc.long pos.cartesian.x pos.cartesian.y pos.cartesian.z
    pos.dirCos pos.earth.altitude pos.earth.lat pos.earth.lon pos.ecliptic.lat pos.ecliptic.lon
    pos.eop.nutation pos.ephem pos.eq.dec pos.eq.ha pos.eq.ra pos.eq.spd pos.frame pos.galactic.lat
    pos.galactic.lon pos.healpix pos.HTM pos.lunar pos.lunar.occult pos.parallax pos.parallax.dyn
    pos.parallax.phot pos.parallax.spect pos.parallax.trig pos.phaseAng pos.posAng pos.supergalactic.lat
    pos.supergalactic.lon spect spect.binSize spect.dopplerParam spect.line.broad.Stark spect.line.strength
    spect.resolution src.class src.class.color src.class.distance src.class.luminosity src.class.richness
    src.class.starGalaxy src.class.struct src.density src.ellipticity src.impactParam src.morph
    src.morph.param src.morph.scLength src.morph.type src.orbital src.orbital.eccentricity
    src.orbital.inclination src.orbital.meanAnomaly src.orbital.meanMotion src.orbital.node
    src.orbital.periastron src.redshift src.redshift.phot src.sample src.spType src.var src.var.index
    src.var.pulse stat stat.Fourier stat.Fourier.amplitude stat.filling stat.fit stat.fit.param stat.param
    stat.probability stat.value time time.age time.creation time.crossing time.duration time.end time.epoch
    time.equinox time.interval time.lifetime time.period time.phase time.processing time.publiYear
    time.relax time.release time.resolution time.scale time.start
  `,
  /** photometric quantity, may be followed by a band */
  E: `
    instr.background phot phot.antennaTemp phot.count phot.fluence phot.flux phot.flux.density
    phot.flux.density.sb phot.flux.sb phot.limbDark phot.mag phot.mag.bc phot.mag.reddFree phot.mag.sb
    phys.absorption phys.angSize phys.angSize.smajAxis phys.angSize.sminAxis phys.luminosity phys.magAbs
    phys.polarization spect.dopplerVeloc spect.dopplerVeloc.opt spect.dopplerVeloc.radio spect.index
    spect.line.asymmetry spect.line.broad spect.line.broad.Zeeman spect.line.eqWidth spect.line.intensity
    spect.line.profile spect.line.width src.var.amplitude
  `,
  /** colour index, may be followed by two bands */
  C: `
    phot.color
  `,
  /** vector, may be followed by an axis or reference direction */
  V: `
    phys.electField phys.magField phys.veloc pos.distance pos.pm pos.precess
  `,
} as const
