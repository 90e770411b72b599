using Microsoft.AspNetCore.Http.Features;

namespace Admission.Frontend.Forwarding;

/// <summary>
/// Notices that a connection becomes a tunnel (WebSocket). Its two sides then end together, so the client's departure ends the backend's side; before that
/// moment it is a request like any other.
/// </summary>
internal sealed class UpgradeWatch(Run run, IHttpUpgradeFeature? upgrade, IHttpExtendedConnectFeature? connect) : IHttpUpgradeFeature, IHttpExtendedConnectFeature
{
    public bool IsUpgradableRequest => upgrade?.IsUpgradableRequest ?? false;

    public bool IsExtendedConnect => connect?.IsExtendedConnect ?? false;

    public string? Protocol => connect?.Protocol;

    public Task<Stream> UpgradeAsync()
    {
        run.StopWhenClientLeaves();
        return (upgrade ?? throw new NotSupportedException()).UpgradeAsync();
    }

    public ValueTask<Stream> AcceptAsync()
    {
        run.StopWhenClientLeaves();
        return (connect ?? throw new NotSupportedException()).AcceptAsync();
    }
}
