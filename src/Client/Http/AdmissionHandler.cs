using System.Net;
using System.Net.Http.Headers;
using Admission.Capacity;
using Admission.Client.Telemetry;

namespace Admission.Client.Http;

/// <summary>
/// Sends each request of an <see cref="HttpClient"/> with a permit of a backend, which is given back when the response's body has been read to its end, or the response is disposed.
/// </summary>
/// <remarks>
/// A response with a body that is neither read nor disposed keeps its permit, as it keeps its connection. Whoever cancels gives the permit back although the server may go on working; where that matters, let the request end.
/// When the process's lease runs out, a request that is under way is cancelled if the policy says so (<see cref="OnLeaseLost.Cancel"/>).
/// </remarks>
public sealed class AdmissionHandler : DelegatingHandler
{
    private readonly AdmissionClient _client;
    private readonly AdmissionHandlerOptions _options;

    /// <summary>Creates a handler.</summary>
    /// <param name="client">This process's client.</param>
    /// <param name="options">The settings.</param>
    public AdmissionHandler(AdmissionClient client, AdmissionHandlerOptions options)
    {
        ArgumentNullException.ThrowIfNull(client);
        ArgumentNullException.ThrowIfNull(options);
        _client = client;
        _options = options;
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var outcome = await _client.AcquireAsync(_options.Backend, _options.RequestOf?.Invoke(request) ?? default, cancellationToken);
        if (outcome.Refusal is { } refusal)
        {
            return _options.ThrowsWhenRefused ? throw new AdmissionRefusedException(_options.Backend, refusal) : Refused(request, refusal);
        }

        var run = new PermittedRun(outcome.Permit);
        try
        {
            // A process that was stopped after it was admitted may have lost the permit to somebody else.
            if (!outcome.Permit.HasLease)
            {
                throw new HttpRequestException($"The lease on permits of the backend '{_options.Backend}' ran out before the request was sent. It was not sent; try again.");
            }

            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, outcome.Permit.LeaseLost);
            var response = await base.SendAsync(request, either.Token);
            var ended = response.StatusCode == HttpStatusCode.ServiceUnavailable ? RunOutcome.Overloaded : RunOutcome.Served;
            if (HasNoBody(request, response))
            {
                // Nobody reads it, and many do not dispose it: HttpClient has its connection back by now, too.
                run.End(ended);
                return response;
            }

            response.Content = new PermittedContent(response.Content, run, ended);
            return response;
        }
        catch (Exception failure)
        {
            run.End(OutcomeOf(failure));
            throw;
        }
    }

    /// <summary>Is not possible: a permit may have to be waited for.</summary>
    /// <exception cref="NotSupportedException">Always. Nothing was sent.</exception>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) => throw new NotSupportedException(
        $"HttpClient.Send cannot send a request that needs a permit of the backend '{_options.Backend}': the wait for it would block a thread. Nothing was sent. Use HttpClient.SendAsync.");

    private static bool HasNoBody(HttpRequestMessage request, HttpResponseMessage response) =>
        request.Method == HttpMethod.Head || response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified || response.Content.Headers.ContentLength == 0;

    private static RunOutcome OutcomeOf(Exception failure) => failure switch
    {
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError } => RunOutcome.ConnectFailed,
        HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded or HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError } => RunOutcome.Broken,
        _ => RunOutcome.Unknown,
    };

    private static HttpResponseMessage Refused(HttpRequestMessage request, Refusal refusal)
    {
        var response = new HttpResponseMessage(AdmissionRefusedException.StatusOf(refusal.Reason)) { RequestMessage = request };
        response.Headers.RetryAfter = new RetryConditionHeaderValue(TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling(refusal.Occupancy.RetryAfter.TotalSeconds))));
        response.Headers.Add("X-Admission-Reason", MetricTags.ReasonOf(refusal.Reason));
        return response;
    }
}
