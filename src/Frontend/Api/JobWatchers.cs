using Admission.Frontend.Deferring;
using Admission.Frontend.Forwarding;
using Admission.Frontend.Problems;

namespace Admission.Frontend.Api;

/// <summary>Counts the requests that wait for something about a job (long polls and event streams), so that there are no more than <c>Admission:Jobs:MaxWatching</c>, and ends them when the gateway stops.</summary>
internal sealed class JobWatchers(BackendTable backends, IHostApplicationLifetime lifetime)
{
    private int _count;

    /// <summary>The gateway stops: whoever waits is told how things stand, and comes again.</summary>
    public CancellationToken Stopping => lifetime.ApplicationStopping;

    /// <summary>Those that wait.</summary>
    public int Count => Volatile.Read(ref _count);

    /// <summary>Takes a place; dispose it to give it back.</summary>
    /// <returns>Why there is none; null if there is.</returns>
    public Problem? TryEnter(out Place place)
    {
        place = default;
        var most = backends.Settings.MaxWatching;
        if (Interlocked.Increment(ref _count) > most)
        {
            Interlocked.Decrement(ref _count);
            return JobProblems.TooManyWatching(most);
        }

        place = new Place(this);
        return null;
    }

    /// <summary>A place among those that wait; the default is none.</summary>
    internal readonly struct Place(JobWatchers? watchers) : IDisposable
    {
        public void Dispose()
        {
            if (watchers is not null)
            {
                Interlocked.Decrement(ref watchers._count);
            }
        }
    }
}
