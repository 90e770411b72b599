using System.Collections.Concurrent;

namespace Admission.EndToEnd.Cluster.Jobs;

/// <summary>What became of the requests of a job load.</summary>
internal sealed class JobRecords
{
    private int _served;
    private int _refused;
    private int _unclear;

    /// <summary>Those that were answered 202.</summary>
    public ConcurrentQueue<AcceptedJob> Accepted { get; } = [];

    /// <summary>Answers that no fault explains.</summary>
    public ConcurrentQueue<string> Wrong { get; } = [];

    /// <summary>Answered at once, because there was a place.</summary>
    public int Served => _served;

    /// <summary>Refused with a problem document: not stored, or stored perhaps where it says so.</summary>
    public int Refused => _refused;

    /// <summary>Without an answer, or without one that says whether the request was stored.</summary>
    public int Unclear => _unclear;

    public void NoteServed() => Interlocked.Increment(ref _served);

    public void NoteRefused() => Interlocked.Increment(ref _refused);

    public void NoteUnclear() => Interlocked.Increment(ref _unclear);
}
