using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Admission.Client.Tests")]
