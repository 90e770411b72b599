using System.Globalization;

namespace Admission.EndToEnd.Cluster.Leases;

/// <summary>What a fault run has shown of leases.</summary>
/// <param name="Kills">Holders killed.</param>
/// <param name="Hangs">Holders stopped for a while.</param>
/// <param name="Granted">Leases granted.</param>
/// <param name="Renewals">Renewals that were answered with the lease.</param>
/// <param name="Moved">Leases whose gateway was killed, and that were renewed after that.</param>
/// <param name="Sessions">Sessions at the database.</param>
/// <param name="Greatest">The most at once, by its log.</param>
/// <param name="Limit">How many there may be.</param>
/// <param name="ShareFull">For how much of the time there were as many as there may be.</param>
/// <param name="Writes">Writes that the database took.</param>
/// <param name="Stale">Writes that it refused, because a newer lease had written.</param>
/// <param name="LongestPause">The longest time between two writes with different leases, in seconds.</param>
/// <param name="Lost">Leases that ended while their holders were at work: they were stopped, or the ledger was away.</param>
/// <param name="Late">Releases and renewals that came when the lease had been taken back: 410.</param>
/// <param name="Silent">Sessions that the database ended, because their holder had said nothing.</param>
/// <param name="Faults">What is not as promised, in words.</param>
internal sealed record LeaseFigures(
    int Kills, int Hangs, int Granted, int Renewals, int Moved, int Sessions, int Greatest, int Limit, double ShareFull, int Writes, int Stale, double LongestPause, int Lost, int Late, int Silent,
    IReadOnlyList<string> Faults)
{
    /// <summary>The most sessions at once over the limit.</summary>
    public double Ratio => (double)Greatest / Limit;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Granted} leases, {Renewals} renewals, {Kills} holders killed, {Hangs} stopped, at most {Greatest} of {Limit} sessions ({ShareFull:P0} of the time), {Writes} writes, {Stale} stale ones refused, {Lost} lost, {Late} late answers, {Silent} silent sessions ended, {Faults.Count} faults");
}
