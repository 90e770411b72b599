using Microsoft.Extensions.Logging;

namespace Admission.Grains.Cluster;

/// <summary>What this process waits for before it can take part: for the log and for the health answers.</summary>
/// <remarks>Logged when it begins or is something else, every <see cref="Reminder"/> while it lasts, and when it is over.</remarks>
internal sealed partial class ClusterWaiting
{
    private static readonly TimeSpan Reminder = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ILogger<ClusterWaiting> _logger;
    private string? _reason;
    private string? _logged;
    private readonly long _since;
    private long _loggedAt;

    public ClusterWaiting(TimeProvider time, ILogger<ClusterWaiting> logger)
    {
        _time = time;
        _logger = logger;
        _reason = "it is starting";
        _since = time.GetTimestamp();
    }

    /// <summary>What is waited for; null if nothing is.</summary>
    public string? Reason
    {
        get
        {
            lock (_gate)
            {
                return _reason is null ? null : $"{_reason} (for {_time.GetElapsedTime(_since).TotalSeconds:0} s)";
            }
        }
    }

    /// <summary>Something is not there yet.</summary>
    public void For(string reason)
    {
        lock (_gate)
        {
            _reason = reason;
            if (_logged is null || !string.Equals(_logged, reason, StringComparison.Ordinal) || _time.GetElapsedTime(_loggedAt) >= Reminder)
            {
                _logged = reason;
                _loggedAt = _time.GetTimestamp();
                LogWaiting(reason, _time.GetElapsedTime(_since).TotalSeconds);
            }
        }
    }

    /// <summary>Everything is there.</summary>
    public void Over()
    {
        lock (_gate)
        {
            _reason = null;
            if (_logged is not null)
            {
                _logged = null;
                LogOver(_time.GetElapsedTime(_since).TotalSeconds);
            }
        }
    }

    [LoggerMessage(3110, LogLevel.Warning, "Waiting: {Reason}. It goes on by itself. ({Seconds:0} s so far.)")]
    private partial void LogWaiting(string reason, double seconds);

    [LoggerMessage(3111, LogLevel.Information, "The wait is over after {Seconds:0.0} s.")]
    private partial void LogOver(double seconds);
}
