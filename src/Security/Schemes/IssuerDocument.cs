using Admission.Security.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Admission.Security.Schemes;

/// <summary>The issuer's discovery document with its keys, fetched in the background: no request waits for the issuer.</summary>
/// <remarks>It is fetched again every 12 h, and when a token names a key that is not in it, but then at most twice a minute: anybody can send such tokens. While the issuer does not answer, what was fetched last counts on.</remarks>
internal sealed partial class IssuerDocument(SecuritySettings start, TimeProvider time, ILogger<IssuerDocument> logger) : BackgroundService, IConfigurationManager<OpenIdConnectConfiguration>
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPatience = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private readonly TaskCompletionSource _tried = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile OpenIdConnectConfiguration? _document;
    private volatile TaskCompletionSource _wanted = Signal();

    /// <summary>Whether tokens can be checked.</summary>
    public bool IsKnown => _document is not null;

    /// <inheritdoc/>
    public Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel) =>
        _document is { } document ? Task.FromResult(document) : Task.FromException<OpenIdConnectConfiguration>(new InvalidOperationException("The issuer's keys have not been read yet."));

    /// <inheritdoc/>
    public void RequestRefresh() => _wanted.TrySetResult();

    /// <summary>Begins, and gives an issuer that answers the time to, so that the first request finds its keys.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await _tried.Task.WaitAsync(FirstPatience, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var http = new HttpClient { Timeout = Patience, MaxResponseContentBufferSize = 10 << 20 };
        var authority = start.Jwt!.Authority;

        // The reader of the settings lets http through on this machine only.
        var documents = new HttpDocumentRetriever(http) { RequireHttps = authority.StartsWith("https:", StringComparison.OrdinalIgnoreCase) };
        var address = $"{authority.TrimEnd('/')}/.well-known/openid-configuration";
        var pause = FirstPause;
        var failed = false;
        while (true)
        {
            try
            {
                var document = await OpenIdConnectConfigurationRetriever.GetAsync(address, documents, stoppingToken);
                _document = document.SigningKeys.Count > 0 ? document : throw new InvalidDataException("It lists no keys to check signatures with.");
                if (failed)
                {
                    LogReachable(authority);
                }

                (failed, pause) = (false, FirstPause);
                _wanted = Signal();
                _tried.TrySetResult();
                await Task.Delay(LongestPause, time, stoppingToken);
                await _wanted.Task.WaitAsync(Lifetime, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                stoppingToken.ThrowIfCancellationRequested();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                if (!failed)
                {
                    LogUnreachable(authority, exception.GetBaseException().Message);
                }

                failed = true;
                _tried.TrySetResult();
                await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (stoppingToken.IsCancellationRequested)
                {
                    return;
                }

                pause = pause + pause < LongestPause ? pause + pause : LongestPause;
            }
        }
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    [LoggerMessage(2219, LogLevel.Warning, "The issuer of tokens {Issuer} does not answer as it should: {Cause} It is asked again; as long as nothing was read of it, tokens are answered 503, else by the keys read last.")]
    private partial void LogUnreachable(string issuer, string cause);

    [LoggerMessage(2220, LogLevel.Information, "The issuer of tokens {Issuer} answers again.")]
    private partial void LogReachable(string issuer);
}
