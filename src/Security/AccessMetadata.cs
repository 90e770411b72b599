namespace Admission.Security;

/// <summary>Whom an endpoint is for. Of several the last one holds, which is the endpoint's own.</summary>
/// <param name="Role">The role that it needs; <see cref="AccessRole.None"/> where everybody may ask, and who does is only told.</param>
/// <param name="Remedy">What else a caller that is refused can do.</param>
internal sealed record AccessMetadata(AccessRole Role, string Remedy = "To ask from elsewhere configure a key: admission key new, and docs/security.md.");
