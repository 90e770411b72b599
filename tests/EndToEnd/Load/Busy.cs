namespace Admission.EndToEnd.Load;

/// <summary>Keeps backends full, and looks whether the gateway lets them do what they can.</summary>
internal static class Busy
{
    public const double WorkMs = 200;

    /// <summary>
    /// Each backend is never over its share of the limit, reaches it, and does at least 95 % of its ideal throughput; everybody is served or refused cleanly.
    /// </summary>
    public static Task ShouldHoldAsync(Gateway gateway, int clients, params (PythonBackend Backend, int Limit)[] shares) =>
        Attempts.ShouldReachAsync(0.95, async () =>
        {
            // Who is not served comes back soon: together they ask about 1,300 times a second, which leaves two cores to the backend.
            var pause = TimeSpan.FromMilliseconds(clients * 0.8);
            var load = await new ClosedLoop(gateway.Port, clients, TimeSpan.FromSeconds(4)) { WorkMs = WorkMs, Pause = pause }.RunAsync();
            Clean.ShouldBeServedOrRefused(load);
            load.Refused.ShouldNotBeEmpty();
            foreach (var (backend, limit) in shares)
            {
                backend.Journal.Greatest().ShouldBe(limit);
            }

            var from = load.Start + 800_000_000; // compiled, connected and full
            return shares.Min(share => share.Backend.Journal.Throughput(from, load.End, share.Limit, WorkMs) / (share.Limit * 1000 / WorkMs));
        });
}
