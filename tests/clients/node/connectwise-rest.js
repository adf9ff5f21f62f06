// connectwise-rest, as its README uses it. Prints what happened as JSON.
'use strict'

const { ManageAPI } = require('connectwise-rest')

const settings = JSON.parse(process.argv[2])

const connected = ([publicKey, privateKey]) =>
  new ManageAPI({
    companyId: settings.company,
    companyUrl: settings.host,
    publicKey,
    privateKey,
    clientId: settings.clientId,
    logger: () => {},
  })

const refusal = (promise) =>
  promise.then(
    () => ({ status: 'accepted' }),
    (error) => ({ status: error.status, data: error.data }),
  )

async function story() {
  const agent = connected(settings.agent)
  const manager = connected(settings.manager)
  const time = agent.TimeAPI
  const told = {}

  told.info = await agent.SystemAPI.getSystemInfo()
  told.workTypes = await time.getTimeWorkTypes({})
  told.workRoles = await time.getTimeWorkRoles({})
  told.chargeCodes = await time.getTimeChargeCodes({ conditions: 'name="MTNG"' })

  const conditions = `(chargeToId = ${settings.ticket} and notes like "Visit%") or id = 0`
  const paged = await agent.paginate(time.getTimeEntries, { startPage: 1, pageSize: 2 }, { conditions, orderBy: 'timeStart desc' })
  told.paged = paged.map((entry) => entry.id)
  told.count = await time.getTimeEntriesCount({ conditions })
  told.badConditions = await refusal(time.getTimeEntries({ conditions: 'notes >' }))

  const entry = await time.postTimeEntries({
    chargeToId: settings.ticket,
    chargeToType: 'ServiceTicket',
    member: { id: settings.member },
    timeStart: '2026-03-02T09:00:00Z',
    actualHours: 1.25,
    workType: { id: settings.workType },
    workRole: { id: settings.workRole },
    billableOption: 'Billable',
    notes: 'Replaced switch',
  })
  told.created = entry
  told.patched = await time.patchTimeEntriesById(entry.id, [{ op: 'replace', path: 'notes', value: 'Replaced two' }])
  told.put = await time.putTimeEntriesById(entry.id, { ...told.patched, internalNotes: 'Spare part used' })
  told.defaults = await time.postTimeEntriesDefaults({ chargeToId: settings.ticket, chargeToType: 'ServiceTicket' })
  told.audits = await time.getTimeEntriesByParentIdAudits(entry.id, {})

  const [sheet] = await time.getTimeSheets({ conditions: `member/id=${settings.member} and year=2026 and period=10` })
  told.sheet = sheet
  told.submitted = await time.postTimeSheetsByIdSubmit(sheet.id)
  told.notMine = await refusal(time.postTimeSheetsByIdApprove(sheet.id, { id: sheet.id }))
  told.approved = await manager.TimeAPI.postTimeSheetsByIdApprove(sheet.id, { id: sheet.id, approvalType: 'Tier1Update' })
  told.approvedSheet = await manager.TimeAPI.getTimeSheetsById(sheet.id)
  told.locked = await refusal(time.deleteTimeEntriesById(entry.id))
  told.reversed = await manager.TimeAPI.postTimeSheetsByIdReverse(sheet.id)
  told.again = await time.postTimeSheetsByIdSubmit(sheet.id)
  told.rejected = await manager.TimeAPI.postTimeSheetsByIdReject(sheet.id)
  told.sheetAudits = await time.getTimeSheetsByParentIdAudits(sheet.id, {})
  await time.deleteTimeEntriesById(entry.id)
  told.gone = await refusal(time.getTimeEntriesById(entry.id))
  return told
}

story().then(
  (told) => process.stdout.write(JSON.stringify(told)),
  (error) => {
    process.stderr.write(`${error.stack || JSON.stringify(error)}\n`)
    process.exitCode = 1
  },
)
