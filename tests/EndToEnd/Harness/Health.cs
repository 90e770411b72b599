using System.Net.Sockets;

namespace Admission.EndToEnd.Harness;

/// <summary>Asks a process about its health.</summary>
internal static class Health
{
    /// <summary>Asks; null while nobody listens, or while the process is on its way out.</summary>
    public static async Task<HttpAnswer?> AskAsync(int port, string target)
    {
        try
        {
            using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            using var connection = await HttpConnection.OpenAsync(port, cancellation: bound.Token);
            await connection.SendAsync("GET", target, cancellation: bound.Token);
            return await connection.ReadAsync(bound.Token);
        }
        catch (Exception failure) when (failure is SocketException or IOException)
        {
            return null;
        }
    }
}
