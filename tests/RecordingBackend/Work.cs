namespace Admission.RecordingBackend;

/// <summary>One request's work.</summary>
internal sealed class Work(string id, string name)
{
    public string Id => id;

    /// <summary>Its own name: a request that is sent twice is worked on twice.</summary>
    public string Name => name;

    public bool Ended { get; set; }
}
