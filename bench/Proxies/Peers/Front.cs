namespace Admission.Bench.Proxies.Peers;

/// <summary>One or several proxies that run.</summary>
/// <param name="Ports">Where they listen.</param>
/// <param name="Processes">Whose processor time counts, with their children.</param>
/// <param name="Parts">What ends with it, the last first.</param>
internal sealed record Front(IReadOnlyList<int> Ports, IReadOnlyList<int> Processes, IReadOnlyList<IAsyncDisposable> Parts) : IAsyncDisposable
{
    public TimeSpan Cpu => Processes.Aggregate(TimeSpan.Zero, (sum, process) => sum + ProcessUse.CpuOfFamily(process));

    public static Front Of(Server server) => new([server.Port], [server.Id], [server]);

    public async ValueTask DisposeAsync()
    {
        foreach (var part in Parts.Reverse())
        {
            await part.DisposeAsync();
        }
    }
}
