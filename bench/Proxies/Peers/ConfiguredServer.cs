namespace Admission.Bench.Proxies.Peers;

/// <summary>A server with a configuration file, in a folder that goes with it.</summary>
internal static class ConfiguredServer
{
    /// <summary>Writes the file and starts the program.</summary>
    /// <param name="program">The program's path.</param>
    /// <param name="configuration">The file's text, for a port and a folder of its own.</param>
    /// <param name="arguments">The arguments, for the folder and the file's path.</param>
    public static async Task<Front> StartAsync(string program, Func<int, string, string> configuration, Func<string, string, string[]> arguments)
    {
        var folder = new Folder();
        try
        {
            var (port, file) = (FreePort.Take(), folder.Files["server.conf"]);
            await File.WriteAllTextAsync(file, configuration(port, folder.Files.Path));
            var server = await Server.StartAsync(program, arguments(folder.Files.Path, file), port);
            return new([port], [server.Id], [folder, server]);
        }
        catch
        {
            await folder.DisposeAsync();
            throw;
        }
    }

    private sealed class Folder : IAsyncDisposable
    {
        public TemporaryFolder Files { get; } = new();

        public ValueTask DisposeAsync()
        {
            Files.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
