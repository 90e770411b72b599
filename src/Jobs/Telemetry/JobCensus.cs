using Admission.Jobs.Storage;
using Microsoft.Extensions.Logging;

namespace Admission.Jobs.Telemetry;

/// <summary>Jobs of one backend in one state.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="State">The state.</param>
/// <param name="Count">So many.</param>
/// <param name="OldestAge">How long ago the first of them was stored.</param>
internal sealed record JobCensusRow(string Backend, JobState State, long Count, TimeSpan OldestAge);

/// <summary>
/// How many jobs there are, counted when somebody looks: at most every ten seconds, and at most a fiftieth of the time. Whoever looks gets the last count and has the next one made, so an
/// instrument never waits for the store, and a store that nobody watches is asked nothing.
/// </summary>
/// <param name="count">Counts.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed partial class JobCensus(Func<CancellationToken, Task<IReadOnlyList<JobCensusRow>>> count, TimeProvider time, ILogger logger)
{
    /// <summary>How long a count is news.</summary>
    internal static readonly TimeSpan Shortest = TimeSpan.FromSeconds(10);

    /// <summary>A count that is older says nothing any more: the store cannot be asked.</summary>
    internal static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    private const int CountingShare = 50;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private IReadOnlyList<JobCensusRow> _rows = [];
    private Task _counting = Task.CompletedTask;
    private long? _counted;
    private TimeSpan _took;
    private bool _failing;

    /// <summary>Whether there is a count that says something.</summary>
    public bool IsKnown
    {
        get
        {
            lock (_gate)
            {
                return IsFresh();
            }
        }
    }

    /// <summary>The last count; none before the first, and none when it is too old.</summary>
    public IReadOnlyList<JobCensusRow> Look()
    {
        lock (_gate)
        {
            var age = _counted is { } at ? time.GetElapsedTime(at) : TimeSpan.MaxValue;
            if (age >= Due && _counting.IsCompleted && !_stop.IsCancellationRequested)
            {
                _counting = CountAsync(_stop.Token);
            }

            return IsFresh() ? _rows : [];
        }
    }

    /// <summary>Ends the count under way.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _counting;
    }

    /// <summary>A store that takes minutes to count is still told.</summary>
    private bool IsFresh() => _counted is { } at && time.GetElapsedTime(at) < Longest + Due;

    private TimeSpan Due => _took * CountingShare > Shortest ? _took * CountingShare : Shortest;

    private async Task CountAsync(CancellationToken cancellation)
    {
        // Not in the call of whoever looks.
        await Task.Yield();
        var began = time.GetTimestamp();
        try
        {
            var rows = await count(cancellation);
            lock (_gate)
            {
                _rows = rows;
                _counted = time.GetTimestamp();
                _took = time.GetElapsedTime(began);
                _failing = false;
            }
        }
        catch (Exception failed) when (JobStoreFailure.Is(failed))
        {
            if (!_failing)
            {
                _failing = true;
                LogFailed(failed.Message);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The store closes.
        }
    }

    [LoggerMessage(4290, LogLevel.Warning, "Jobs cannot be counted, and their instruments show nothing until they can: {Problem}")]
    private partial void LogFailed(string problem);
}
