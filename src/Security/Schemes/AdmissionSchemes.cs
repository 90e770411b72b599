namespace Admission.Security.Schemes;

/// <summary>The names of ASP.NET's authentication schemes in gateway and silo.</summary>
internal static class AdmissionSchemes
{
    /// <summary>Whoever the gate knows: the default.</summary>
    public const string Caller = "admission";

    /// <summary>Sessions in browsers.</summary>
    public const string Session = "admission-session";

    /// <summary>Tokens of an issuer.</summary>
    public const string Token = "admission-token";
}
