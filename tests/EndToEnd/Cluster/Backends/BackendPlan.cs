namespace Admission.EndToEnd.Cluster.Backends;

/// <summary>What becomes of a backend's work when its connection closes.</summary>
internal enum BackendKind
{
    Stops,
    GoesOn,
}

/// <summary>What becomes of a request that finds no place.</summary>
internal enum Overflow
{
    Refuse,
    Wait,
    Defer,
}

/// <summary>One of the backends of a fault run.</summary>
/// <param name="Id">Its name, which is that of its YARP cluster and its path's first part.</param>
/// <param name="Kind">Whether it stops.</param>
/// <param name="Limit">Its limit at the start.</param>
/// <param name="Overflow">What becomes of what finds no place.</param>
/// <param name="Work">How long its work takes.</param>
internal sealed record BackendPlan(string Id, BackendKind Kind, int Limit, Overflow Overflow, WorkTimes Work);

/// <summary>The distribution of work times: uniform, but for a share of long ones.</summary>
internal sealed record WorkTimes(int FromMs, int ToMs, int LongMs, double LongShare)
{
    public double MeanMs => ((1 - LongShare) * (FromMs + ToMs) / 2.0) + (LongShare * LongMs);

    public int Next(Random random) => random.NextDouble() < LongShare ? LongMs : random.Next(FromMs, ToMs + 1);
}
