namespace Admission.Client.Tests.RateLimiting;

/// <summary>One silo for all tests of a class: each takes a backend of its own.</summary>
public sealed class LedgerFixture : IAsyncLifetime
{
    private int _backends;

    internal TestCluster Cluster { get; private set; } = null!;

    public string NextBackend() => $"limited-{Interlocked.Increment(ref _backends)}";

    public async Task InitializeAsync() => Cluster = await TestCluster.StartAsync();

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}
