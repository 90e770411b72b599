using Admission.Capacity;

namespace Admission.Client.Http;

/// <summary>The settings of an <see cref="AdmissionHandler"/>.</summary>
/// <param name="backend">The backend's id.</param>
public sealed class AdmissionHandlerOptions(string backend)
{
    /// <summary>The backend's id.</summary>
    public string Backend { get; } = string.IsNullOrEmpty(backend) ? throw new ArgumentException("Give the id of a backend.", nameof(backend)) : backend;

    /// <summary>What a request asks for; null (the default) for one permit at normal priority.</summary>
    public Func<HttpRequestMessage, AdmissionRequest>? RequestOf { get; set; }

    /// <summary>
    /// Whether a refused request throws <see cref="AdmissionRefusedException"/>. Default false: it gets a response as from the gateway, 503, or 429 where only its tenant has too much, with <c>Retry-After</c>, so that
    /// whatever retries after overload does so here too.
    /// </summary>
    public bool ThrowsWhenRefused { get; set; }
}
