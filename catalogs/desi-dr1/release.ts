// Where DESI DR1 publishes FastSpecFit 3.0 and DESIVAST 1.0, and under which names.
import type { Release } from '../../src/model/index.ts'

/**
 * Paths and names: the catalogues' own documentation. The name of a checksum file is the folder's path below `public/`
 * with underscores for slashes, as the DESIVAST one is; sizes are those of the directory listings, all of them whole
 * FITS blocks, and agree with the rounded ones that FastSpecFit's documentation gives.
 */
export const release: Release = {
  baseUrl: 'https://data.desi.lbl.gov/public/dr1/vac/dr1/',
  folders: [
    {
      path: 'fastspecfit/iron/v3.0/catalogs/',
      checksums: 'dr1_vac_dr1_fastspecfit_iron_v3.0_catalogs.sha256sum',
      files: {
        'fastspec-iron-cmx-other.fits': 12_545_280,
        'fastspec-iron-main-backup.fits': 66_525_120,
        'fastspec-iron-main-bright-nside1-hp00.fits': 447_563_520,
        'fastspec-iron-main-bright-nside1-hp01.fits': 4_468_049_280,
        'fastspec-iron-main-bright-nside1-hp02.fits': 5_968_638_720,
        'fastspec-iron-main-bright-nside1-hp03.fits': 1_773_118_080,
        'fastspec-iron-main-bright-nside1-hp04.fits': 4_312_356_480,
        'fastspec-iron-main-bright-nside1-hp05.fits': 1_322_732_160,
        'fastspec-iron-main-bright-nside1-hp06.fits': 5_919_598_080,
        'fastspec-iron-main-bright-nside1-hp07.fits': 2_959_801_920,
        'fastspec-iron-main-bright-nside1-hp08.fits': 359_242_560,
        'fastspec-iron-main-bright-nside1-hp09.fits': 293_886_720,
        'fastspec-iron-main-bright-nside1-hp10.fits': 200_378_880,
        'fastspec-iron-main-bright-nside1-hp11.fits': 293_852_160,
        'fastspec-iron-main-dark-nside1-hp00.fits': 1_550_954_880,
        'fastspec-iron-main-dark-nside1-hp01.fits': 4_922_671_680,
        'fastspec-iron-main-dark-nside1-hp02.fits': 7_476_324_480,
        'fastspec-iron-main-dark-nside1-hp03.fits': 944_686_080,
        'fastspec-iron-main-dark-nside1-hp04.fits': 7_653_182_400,
        'fastspec-iron-main-dark-nside1-hp05.fits': 2_547_901_440,
        'fastspec-iron-main-dark-nside1-hp06.fits': 12_548_456_640,
        'fastspec-iron-main-dark-nside1-hp07.fits': 4_541_656_320,
        'fastspec-iron-main-dark-nside1-hp08.fits': 953_916_480,
        'fastspec-iron-main-dark-nside1-hp09.fits': 688_584_960,
        'fastspec-iron-main-dark-nside1-hp10.fits': 327_824_640,
        'fastspec-iron-main-dark-nside1-hp11.fits': 178_871_040,
        'fastspec-iron-special-backup.fits': 2_609_280,
        'fastspec-iron-special-bright.fits': 189_846_720,
        'fastspec-iron-special-dark.fits': 65_655_360,
        'fastspec-iron-special-other.fits': 186_238_080,
        'fastspec-iron-sv1-backup.fits': 15_240_960,
        'fastspec-iron-sv1-bright.fits': 567_838_080,
        'fastspec-iron-sv1-dark.fits': 1_045_402_560,
        'fastspec-iron-sv1-other.fits': 152_979_840,
        'fastspec-iron-sv2-backup.fits': 662_400,
        'fastspec-iron-sv2-bright.fits': 208_823_040,
        'fastspec-iron-sv2-dark.fits': 236_347_200,
        'fastspec-iron-sv3-backup.fits': 7_030_080,
        'fastspec-iron-sv3-bright.fits': 1_195_600_320,
        'fastspec-iron-sv3-dark.fits': 2_667_421_440,
      },
    },
    {
      path: 'desivast/v1.0/',
      checksums: 'dr1_vac_dr1_desivast_v1.0.sha256sum',
      files: {
        'DESIVAST_BGS_VOLLIM_VoidFinder_NGC.fits': 3_864_960,
        'DESIVAST_BGS_VOLLIM_VoidFinder_SGC.fits': 578_880,
        'DESIVAST_BGS_VOLLIM_V2_REVOLVER_NGC.fits': 611_812_800,
        'DESIVAST_BGS_VOLLIM_V2_REVOLVER_SGC.fits': 87_442_560,
        'DESIVAST_BGS_VOLLIM_V2_VIDE_NGC.fits': 459_138_240,
        'DESIVAST_BGS_VOLLIM_V2_VIDE_SGC.fits': 61_980_480,
        'DESIVAST_BGS_VOLLIM_V2_ZOBOV_NGC.fits': 44_026_560,
        'DESIVAST_BGS_VOLLIM_V2_ZOBOV_SGC.fits': 6_644_160,
      },
    },
  ],
}
