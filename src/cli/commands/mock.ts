// `almagest mock`: writes files of a survey's real layout with a known truth.
import { Command } from 'commander'
import { AlmagestError } from '../../model/index.ts'
import { type CommonOptions, jsonOption, print, progressOf } from '../context.ts'
import { wholeNumber } from '../numbers.ts'
import { count } from '../report.ts'
import { findSurveys, surveyNamed } from '../surveys.ts'
import { writeMock } from '../write-mock.ts'

interface MockOptions extends CommonOptions {
  galaxies: number
  seed: number
  out: string
}

export function mockCommand(): Command {
  const command = jsonOption(new Command('mock'))
    .description("write FITS files in a survey's real layout, with a known truth (truth.json)")
    .argument('<survey>', 'name of a survey that has a mock')
    .option('--galaxies <number>', 'galaxy rows over all files', wholeNumber('--galaxies', 1), 200_000)
    .option('--seed <number>', 'the same seed gives the same bytes', wholeNumber('--seed', 0, 0xffffffff), 1)
    .requiredOption('--out <folder>', 'folder to write to')
  return command.action(async (name: string, options: MockOptions) => {
    const survey = surveyNamed(await findSurveys(), name)
    if (!survey.mock) {
      throw new AlmagestError('MOCK_ABSENT', 'usage', `survey "${name}" has no mock`, 'desi-dr1 has one.')
    }
    const progress = progressOf(options)
    const { files, truth } = await writeMock(survey.mock, options.out, options, (file, done, total) =>
      progress.step('writing the mock', done, total, file),
    )
    progress.end()
    print(
      {
        value: { folder: options.out, files, truth },
        text: `${count(files.length)} files in ${options.out}`,
      },
      options,
    )
  })
}
