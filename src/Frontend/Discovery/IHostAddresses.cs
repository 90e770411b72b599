using System.Net;

namespace Admission.Frontend.Discovery;

/// <summary>The addresses of a name.</summary>
internal interface IHostAddresses
{
    /// <summary>Asks for them.</summary>
    /// <param name="host">The name.</param>
    /// <param name="cancellation">Ends the question.</param>
    /// <returns>The addresses; none where the name has none.</returns>
    /// <exception cref="System.Net.Sockets.SocketException">Nobody who knows has answered.</exception>
    Task<IReadOnlyList<IPAddress>> AskAsync(string host, CancellationToken cancellation);
}
