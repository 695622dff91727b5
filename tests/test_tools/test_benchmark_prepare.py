import json


def test_stages(run_tool, tmp_path, write_release):
    write_release(tmp_path / 'NYUtrain', ['NYU0002'])
    result = run_tool(
        'analysis_tools/benchmark.py',
        '--task',
        'prepare',
        '--root-path',
        tmp_path,
        '--repeats',
        2,
        '--json',
        tmp_path / 'n.json',
    )
    assert result.returncode == 0, result.stderr
    numbers = json.loads((tmp_path / 'n.json').read_text())
    assert numbers['task'] == 'prepare'
    wall = numbers['wall']
    stages = [wall[key] for key in wall if key != 'total']
    assert len(stages) == 6 and min(stages) > 0
    assert 0 < max(stages) < wall['total'] <= numbers['wall_range'][1]
    assert 50 < numbers['peak_mb'] < 1000
    assert 'peak memory' in result.stdout


def test_nothing_there(run_tool, tmp_path):
    result = run_tool(
        'analysis_tools/benchmark.py', '--task', 'prepare', '--root-path', tmp_path
    )
    assert result.returncode == 1
    assert result.stderr.startswith('error: ')
    assert 'no frames NYUxxxx_0000.bin' in result.stderr
    assert 'Traceback' not in result.stderr
