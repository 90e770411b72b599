using System.Diagnostics;
using System.Text;

namespace Admission.RecordingBackend;

/// <summary>
/// Starts and ends, a line each, with the machine's monotonic clock in nanoseconds: what tests/EndToEnd/Harness/Journal.cs reads. Each line is one
/// write to the kernel, so that a kill loses none.
/// </summary>
internal sealed class Journal(string path) : IDisposable
{
    private readonly FileStream _file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);

    public void Start(string id, string key) => Write('S', id, key);

    public void End(string id) => Write('E', id, "-");

    public void Dispose() => _file.Dispose();

    private void Write(char kind, string id, string key) =>
        _file.Write(Encoding.ASCII.GetBytes($"{kind} {id} {Stopwatch.GetTimestamp() * (1_000_000_000 / Stopwatch.Frequency)} {Environment.ProcessId} 0 {key}\n"));
}
