namespace Admission.Capacity;

/// <summary>How a pool's work at one destination ends, from its first failure on. Guarded by the pool's lock.</summary>
internal sealed class PoolOutcomes
{
    private long _reportedIn;
    private bool _hasNews;

    /// <summary>Failures in a row up to now.</summary>
    public int Streak { get; private set; }

    /// <summary>Failed connects among them.</summary>
    public int ConnectStreak { get; private set; }

    public long ConnectsFailed { get; private set; }

    public long TimedOut { get; private set; }

    public long Broken { get; private set; }

    /// <summary>The last trial that ended here, and how.</summary>
    public (long Number, TrialEnd End) LastTrial { get; private set; }

    /// <summary>The ledger wants every report to tell.</summary>
    public bool Watched { get; set; }

    /// <summary>The next report has to tell.</summary>
    public bool IsDue => Watched || _hasNews;

    /// <summary>Takes note of how work ended.</summary>
    /// <returns>Whether the ledger should know at once.</returns>
    public bool Note(RunOutcome outcome)
    {
        switch (outcome)
        {
            case RunOutcome.Served:
                var ended = Streak > 0;
                Streak = ConnectStreak = 0;
                return ended && Watched;
            case RunOutcome.ConnectFailed:
                ConnectsFailed++;
                ConnectStreak++;
                break;
            case RunOutcome.TimedOut:
                TimedOut++;
                break;
            case RunOutcome.Broken:
                Broken++;
                break;
            default:
                return false;
        }

        Streak++;
        SetNews();
        return true;
    }

    /// <summary>What was before says nothing any more: the destination was withheld.</summary>
    public void EndStreak() => Streak = ConnectStreak = 0;

    public void EndTrial(long number, TrialEnd end)
    {
        LastTrial = (number, end);
        SetNews();
    }

    /// <summary>A report tells of it.</summary>
    public void Reported(long report) => _reportedIn = _hasNews && _reportedIn == 0 ? report : _reportedIn;

    /// <summary>The ledger has booked a report.</summary>
    public void Acknowledge(long report) => _hasNews &= _reportedIn == 0 || _reportedIn > report;

    /// <summary>There is another ledger, which knows nothing of it.</summary>
    public void ForgetLedger()
    {
        _hasNews = Streak > 0 || LastTrial.Number != 0;
        _reportedIn = 0;
        Watched = false;
    }

    private void SetNews()
    {
        _hasNews = true;
        _reportedIn = 0;
    }
}
