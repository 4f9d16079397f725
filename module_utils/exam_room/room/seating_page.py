"""The page of the 座次表. A string, for Ansible sends a module's helpers without the files beside them."""

PAGE = """\
<!DOCTYPE html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<title>座次表 {{ session.id }}</title>
<style>
@page { size: A4 portrait; margin: 14mm 12mm; }
body { font-family: "Noto Sans CJK SC", "Source Han Sans SC", "Microsoft YaHei", SimSun, sans-serif;
  color: #000; margin: 0 auto; max-width: 186mm; font-size: 10.5pt; }
h1 { font-size: 18pt; text-align: center; margin: 0 0 3mm; }
h1 small { font-size: 10pt; font-weight: normal; display: block; }
dl { display: grid; grid-template-columns: max-content 1fr max-content 1fr; gap: 1mm 3mm; margin: 0 0 4mm; }
dt { color: #444; }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: 0.3mm solid #000; padding: 0.9mm 1.5mm; text-align: left; overflow-wrap: anywhere; }
th { background: #eee; font-weight: 600; }
th small { display: block; font-weight: normal; font-size: 8pt; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
td.sign { width: 28mm; }
p { font-size: 9pt; overflow-wrap: anywhere; }
</style>
</head>
<body>
<h1>座次表<small>Seating plan</small></h1>
<dl>
<dt>考试站 Site</dt><dd>{{ session.site_name }}（{{ session.site_code }}）</dd>
<dt>考场 Room</dt><dd>{{ session.room }}</dd>
<dt>考试 Exam</dt><dd>{{ session.exam.name_zh }} {{ session.exam.name_en }}</dd>
<dt>批次 Batch</dt><dd>{{ session.batch }}</dd>
<dt>场次 Session</dt><dd>{{ session.id }}</dd>
<dt>开考 Start</dt><dd>{{ session.date }} {{ start }}（{{ minutes }} 分钟 min）</dd>
<dt>考生 Candidates</dt><dd>{{ seated }}</dd>
<dt>考评员 Assessors</dt><dd>{{ session.staff.assessors | join("、") }}</dd>
</dl>
<table>
<thead><tr>
<th>机位<small>Seat</small></th><th>用户名<small>Account</small></th><th>准考证号<small>Exam number</small></th>
<th>姓名<small>Name</small></th><th>签到<small>Signature</small></th><th>备注<small>Remark</small></th>
</tr></thead>
<tbody>
{% for seat, candidate, remark in rows %}
<tr><td class="n">{{ seat.number }}</td><td>{{ seat.account }}</td>
<td>{{ candidate.exam_number if candidate else "" }}</td><td>{{ candidate.name if candidate else "" }}</td>
<td class="sign"></td><td>{{ remark }}</td></tr>
{% endfor %}
</tbody>
</table>
{% if seed is not none %}
<p>机位由抽签产生，种子 {{ seed }}。Seats were drawn by lot, seed {{ seed }}.</p>
{% endif %}
</body>
</html>
"""
