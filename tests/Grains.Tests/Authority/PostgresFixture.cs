using Admission.Testing;

namespace Admission.Grains.Tests.Authority;

/// <summary>A PostgreSQL server for the tests of a class, if it is installed.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private PostgresServer? _server;

    public bool IsRunning => _server is not null;

    public Task<string> CreateDatabaseAsync() => _server!.CreateDatabaseAsync(PostgresServer.Schema);

    public async Task InitializeAsync()
    {
        if (PostgresServer.IsInstalled)
        {
            _server = await PostgresServer.StartAsync();
        }
    }

    public async Task DisposeAsync() => await (_server?.DisposeAsync() ?? default);
}
