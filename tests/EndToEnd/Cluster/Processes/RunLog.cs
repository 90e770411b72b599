using System.Globalization;

namespace Admission.EndToEnd.Cluster.Processes;

/// <summary>What the harness did and saw, with the time since its start.</summary>
internal sealed class RunLog
{
    private readonly Lock _lock = new();
    private readonly List<string> _lines = [];
    private readonly long _start = Clock.Now;

    public void Note(string text)
    {
        lock (_lock)
        {
            _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{DateTime.Now:HH:mm:ss.fff} {Clock.Seconds(Clock.Now - _start),8:F3} {text}"));
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return string.Join('\n', _lines);
        }
    }
}
