// connectwise-manage-rest-api, as its README uses it: it looks the version up by itself. Prints what happened as JSON.
'use strict'

const connect = require('connectwise-manage-rest-api')

const settings = JSON.parse(process.argv[2])

const connected = ([publicKey, privateKey]) =>
  connect({ fqdn: settings.host, companyId: settings.company, publicKey, privateKey, clientId: settings.clientId })

const refusal = (promise) =>
  promise.then(
    () => ({ status: 'accepted' }),
    (error) => ({ status: error.response && error.response.status, data: error.responseBody }),
  )

async function story() {
  const agent = connected(settings.agent)
  const manager = connected(settings.manager)
  const told = {}

  told.info = await agent.get('system/info')
  told.workTypes = await agent.get('time/workTypes?fields=id,name')
  const conditions = encodeURIComponent(`chargeToId=${settings.ticket} and notes contains "Visit"`)
  told.paged = []
  for (let page = 1; ; page += 1) {
    const entries = await agent.get(`time/entries?conditions=${conditions}&orderBy=timeStart desc&pageSize=2&page=${page}`)
    if (entries.length === 0) break
    told.paged.push(...entries.map((entry) => entry.id))
  }
  const entry = await agent.post('time/entries', {
    chargeToId: settings.ticket,
    chargeToType: 'ServiceTicket',
    member: { id: settings.member },
    timeStart: '2026-03-02T09:00:00Z',
    actualHours: 1.25,
  })
  told.created = entry
  told.patched = await agent.patch(`time/entries/${entry.id}`, [{ op: 'add', path: '/notes', value: 'Replaced two' }])
  told.put = await agent.put(`time/entries/${entry.id}`, { ...told.patched, actualHours: 2, timeEnd: undefined })
  const [sheet] = await agent.get(`time/sheets?conditions=${encodeURIComponent('year=2026 and period=10')}`)
  told.submitted = await agent.post(`time/sheets/${sheet.id}/submit`)
  told.approved = await manager.post(`time/sheets/${sheet.id}/approve`, { id: sheet.id })
  told.sheet = await manager.get(`time/sheets/${sheet.id}`)
  told.locked = await refusal(agent.delete(`time/entries/${entry.id}`))
  await manager.post(`time/sheets/${sheet.id}/reverse`)
  told.deleted = (await agent.delete(`time/entries/${entry.id}`)) === undefined
  told.gone = await refusal(agent.get(`time/entries/${entry.id}`))
  told.wrongKey = await refusal(connected([settings.agent[0], 'wrong']).get('time/entries'))
  return told
}

story().then(
  (told) => process.stdout.write(JSON.stringify(told)),
  (error) => {
    process.stderr.write(`${error.stack}\n${JSON.stringify(error.responseBody)}\n`)
    process.exitCode = 1
  },
)
